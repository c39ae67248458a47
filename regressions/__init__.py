"""From a promise to its proof."""
