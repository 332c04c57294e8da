package npmrc

import (
	"runtime"
	"slices"
	"strings"
)

// Getenv returns the value of a variable in env, "" if it is not set. Of several
// the last holds, as in os/exec; on Windows whatever its case.
func Getenv(env []string, key string) string {
	for _, entry := range slices.Backward(env) {
		k, v, _ := strings.Cut(entry, "=")
		if k == key || runtime.GOOS == "windows" && strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// Key returns the npm config key that a variable sets, "" for none:
// "NPM_CONFIG_LOGS_DIR" is logs-dir, in any mixture of case (@npmcli/config,
// lib/index.js, loadEnv).
func Key(variable string) string {
	const prefix = "npm_config_"
	if len(variable) <= len(prefix) || !strings.EqualFold(variable[:len(prefix)], prefix) {
		return ""
	}
	key := variable[len(prefix):]
	if strings.HasPrefix(key, "//") {
		return key
	}
	return strings.ToLower(key[:1] + strings.ReplaceAll(key[1:], "_", "-"))
}

// Variable returns the variable that sets an npm config key.
func Variable(key string) string {
	if strings.HasPrefix(key, "//") {
		return "npm_config_" + key
	}
	return "npm_config_" + strings.ReplaceAll(key, "-", "_")
}

// WithEnv returns env with the additions in place of what sets the same thing,
// whatever its spelling.
func WithEnv(env []string, additions ...string) []string {
	out := slices.Clone(env)
	for _, entry := range additions {
		key, _, _ := strings.Cut(entry, "=")
		out = slices.DeleteFunc(out, func(old string) bool {
			k, _, _ := strings.Cut(old, "=")
			return k == key || Key(key) != "" && Key(k) == Key(key)
		})
		out = append(out, entry)
	}
	return out
}

// Without returns env without what sets the npm config keys.
func Without(env []string, keys ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		k, _, _ := strings.Cut(entry, "=")
		return slices.Contains(keys, Key(k))
	})
}
