package remedy

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
)

func setFlag(args []string, f Flag, major int) []string {
	return npm.Set(args, f.Key, f.Value, major)
}

// setEnv puts one variable among the additions, in place of itself however it
// was spelled: npm reads its own in any case (@npmcli/config, lib/index.js). An
// empty one means to npm that there is none, so it also hides an inherited one.
func setEnv(env []string, s Secret) []string {
	env = slices.DeleteFunc(env, func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return strings.EqualFold(key, s.Env)
	})
	return append(env, s.Env+"="+s.Value)
}
