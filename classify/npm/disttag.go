package npm

import (
	"fmt"

	"safepublish/classify/pattern"
)

// rangeLike matches the words that node-semver takes for a range and that stay
// the same when they are percent-encoded: "1", "v1.x", "x", "~2.0", "1.0.0-beta".
// npm refuses those as dist-tags (libnpmpublish, lib/publish.js).
var rangeLike = func() *pattern.Pattern {
	const number = `(?:[xX*]|0|[1-9][0-9]*)`
	const id = `(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`
	return pattern.New(`^~?v*` + number + `(?:\.` + number + `(?:\.` + number + `(?:-` + id + `(?:\.` + id + `)*)?)?)?$`)
}()

// encoded matches what JavaScript's encodeURIComponent leaves alone, which npm
// asks of a dist-tag (npm-package-arg).
var encoded = pattern.New(`^[A-Za-z0-9_.!~*'()-]+$`)

// RangeTag reports whether npm of any version refuses a dist-tag, for it reads it as a range.
func RangeTag(tag string) bool { return rangeLike.MatchString(tag) }

// CheckTag says in one line why npm would refuse a dist-tag; nil for a good one.
func CheckTag(tag string) error {
	switch {
	case !encoded.MatchString(tag):
		return fmt.Errorf("%q is not a dist-tag: letters, digits, - and _ are safe", tag)
	case rangeLike.MatchString(tag):
		return fmt.Errorf("%q is not a dist-tag, because npm reads it as a range of versions; use release-%[1]s, for example", tag)
	case tag == "true" || tag == "false" || tag == "null": // what npm takes a negated flag for
		return fmt.Errorf("%q is not a dist-tag that npm accepts", tag)
	}
	return nil
}
