"""The pages of the rules of after-sales: read by everybody who works on cases, proposed by one manager, published by another."""
