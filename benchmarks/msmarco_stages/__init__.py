"""What each stage of the MS MARCO recipe costs, measured on made-up data."""
