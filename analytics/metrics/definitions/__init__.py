"""Every definition, by what it is about. The order is the order in which lists show them."""

from . import volume, stock, response, effort, resolution, verdicts, promises, talks, money, deliveries, readings  # noqa: F401, I001 - the order counts
