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
		npm     int
		refused bool
	}{
		{[]string{"--registry=http://127.0.0.1:2/"}, 8, true},
		{[]string{"--registry", "http://127.0.0.1:2/"}, 9, true},
		{[]string{"--registry=http://127.0.0.1:2/"}, 10, false},
		{[]string{"--registry=http://127.0.0.1:2/"}, 0, false},
		{[]string{"--registry=http://127.0.0.1:1/"}, 9, false},
		{[]string{"--@me:registry=http://127.0.0.1:4/"}, 9, true},
		{[]string{"--tag=beta"}, 9, false},
		{[]string{"--tag=next"}, 9, true},
		{[]string{"--access=public"}, 9, false},
	} {
		err := Overruled(pkg, c.args, c.npm)
		var usage *npm.UsageError
		if (err != nil) != c.refused || err != nil && !errors.As(err, &usage) {
			t.Errorf("npm %d %q: %v", c.npm, c.args, err)
		}
	}
}
