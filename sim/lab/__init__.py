"""The lab: a page for class, served from the teacher's machine; its whole state is in its address."""
