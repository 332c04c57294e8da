package preflight

import (
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// settings: what an .npmrc or the environment says that skips a part of the publish, or
// publishes something else than what lies here. What was typed is meant.
func settings(c *classify.Case) []Finding {
	const topic = "settings"
	var all []Finding
	for _, s := range []struct{ key, value, does string }{
		{"dry-run", "true", "npm publishes nothing"},
		{"ignore-scripts", "true", skipped(c)},
		{"workspaces", "true", "npm publishes every workspace, not this folder"},
		{"workspace", "", "npm publishes that workspace, not this folder"},
		{"force", "true", "npm does not check whether the dist-tag fits the version"},
	} {
		if set, is := from(c, s.key); is && (s.value == "" || set.Plain == s.value) && s.does != "" {
			all = append(all, warning(topic, "", s.key+" is set in "+set.Where()+": "+s.does)...)
		}
	}
	return all
}

// from returns what gives a key its value, where that was not typed.
func from(c *classify.Case, key string) (set classify.Setting, is bool) {
	if c.Answers.Npmrc == nil {
		return set, false
	}
	given := c.Answers.Npmrc.All(key)
	return append(given, set)[0], len(given) > 0 && given[0].Level != "cli"
}

// skipped says which scripts do not run, "" where the package has none.
func skipped(c *classify.Case) string {
	if c.Package.Kind != "folder" {
		return ""
	}
	var names []string
	for _, event := range append(npm.ScriptsBeforeUpload(c.By()), "publish", "postpublish") {
		if field(c, "scripts."+event).String() != "" {
			names = append(names, event)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "npm publishes what is here and does not run " + strings.Join(names, ", ")
}
