"""What all visitors share: kept results, the queue for heavy work, published photos."""
