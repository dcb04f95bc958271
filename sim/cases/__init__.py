"""Your own partnership: real member lists read, checked and described beside the model."""
