"""Log-in, second factor, passwords, profile and presence. Mounted inside the AdminSite by ``config.admin``."""
