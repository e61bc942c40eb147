"""Charts as inline SVG made on the server, each with the table it was drawn from. Knows no business: figures in, markup out."""
