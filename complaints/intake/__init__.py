"""How a complaint comes in: what can be asked, unfinished forms, order matching, duplicates, files and secret links."""
