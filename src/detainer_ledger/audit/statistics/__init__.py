"""What a sample shows about its population: exact bounds, estimates, sizes, agreement of auditors."""
