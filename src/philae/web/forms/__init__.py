"""Forms made from the models of the configuration."""
