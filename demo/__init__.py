"""The sample round: data written for Duban, and the play that runs it through the product's own actions."""
