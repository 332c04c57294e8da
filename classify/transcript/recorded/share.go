package recorded

// Share returns every run, or, where the race detector watches, each eighth: it
// makes pure code twenty times slower and has nothing to find in it. The tests of
// all of them run without it too.
func Share[T any](all []T) []T {
	if !raced {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += 8 {
		some = append(some, all[i])
	}
	return some
}

// Fewer returns n, or where the race detector watches a sixteenth of it: how much
// a test reads, or must have seen of what Share lets it see.
func Fewer(n int) int {
	if raced {
		return n / 16
	}
	return n
}
