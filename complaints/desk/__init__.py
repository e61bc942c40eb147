"""The desk: the agents' queue, workspace, composer, customer panel and palette."""
