"""Tables as files: CSV and spreadsheets, written while they are sent, in bounded memory. Knows no business: sheets in, bytes out."""
