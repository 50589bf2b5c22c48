"""What people do with the gateway: one module per noun."""
