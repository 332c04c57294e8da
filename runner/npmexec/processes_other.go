//go:build unix && !linux && !darwin

package npmexec

// processes is not known on this system: what a cancelled npm leaves behind stays.
func processes() []process { return nil }
