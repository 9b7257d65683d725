"""What venues say: codecs that turn wishes into requests and frames into facts."""
