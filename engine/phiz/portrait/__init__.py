"""Photo to rig: the picture, its landmarks and matte, and the rig made of them."""
