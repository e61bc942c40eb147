"""From events to facts to rollups. ``folding`` is pure; ``reading``, ``storing``, ``filling`` and ``rolling`` know the database."""
