"""Tables in, tables out: what a comparison rests on."""
