"""Do components follow objects? Regions of merge trees against outlines of objects."""
