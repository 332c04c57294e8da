package npm

import "github.com/kballard/go-shellquote"

// Quote writes arguments as they are typed in a shell, with blanks between them. All
// that a person is told to type goes through it. It quotes for sh.
func Quote(args ...string) string { return shellquote.Join(args...) }
