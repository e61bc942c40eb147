"""The pages of flow definitions: read by everybody who works on cases, proposed by leads, published by managers."""
