"""After-sales cases for machines: /api/v1/cases/. A machine opens cases and works in the warehouse; it decides and pays nothing."""
