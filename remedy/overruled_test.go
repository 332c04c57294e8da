package remedy

import (
	"errors"
	"testing"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

func TestOverruled(t *testing.T) {
	pkg := edit.Package{Config: map[string]string{"registry": "http://127.0.0.1:1", "tag": "beta", "@me:registry": "http://127.0.0.1:3/"}}
	for _, c := range []struct {
		args    []string
		npm     string
		refused bool
	}{
		{[]string{"--registry=http://127.0.0.1:2/"}, "8.19.4", true},
		{[]string{"--registry", "http://127.0.0.1:2/"}, "9.9.4", true},
		{[]string{"--registry=http://127.0.0.1:2/"}, "10.9.0", false},
		{[]string{"--registry=http://127.0.0.1:2/"}, "", false},
		{[]string{"--registry=http://127.0.0.1:1/"}, "9.9.4", false},
		{[]string{"--@me:registry=http://127.0.0.1:4/"}, "9.9.4", true},
		{[]string{"--tag=beta"}, "9.9.4", false},
		{[]string{"--tag=next"}, "9.9.4", true},
		{[]string{"--access=public"}, "9.9.4", false},
	} {
		err := Overruled(pkg, c.args, npm.ParseVersion(c.npm))
		var usage *npm.UsageError
		if (err != nil) != c.refused || err != nil && !errors.As(err, &usage) {
			t.Errorf("npm %q %q: %v", c.npm, c.args, err)
		}
	}
}
