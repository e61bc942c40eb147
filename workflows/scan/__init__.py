"""The screens of a warehouse: scanning, inspection, parcels without a case, and goods going out."""
