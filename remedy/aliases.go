package remedy

import "safepublish/remedy/edit"

// Journal is what a plan did.
type Journal = edit.Journal

// Identity is the name and version in a package.json.
type Identity = edit.Identity

// After is the side of an edit that a file is on when it was made.
const After = edit.After

// Manifest reads the name and version of a package.json, "" where it holds none.
func Manifest(data []byte) Identity { return edit.IdentityIn(data) }

// Load reads what npm would publish from dir with these arguments.
func Load(dir string, args []string, major int) (Package, error) { return edit.Load(dir, args, major) }
