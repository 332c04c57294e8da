package realnpm

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// manifest is the package.json that an installation is made from.
type manifest struct {
	Private      bool              `json:"private"`
	Dependencies map[string]string `json:"dependencies"`
	Overrides    map[string]string `json:"overrides,omitempty"`
}

func (m manifest) write(dir string) error {
	m.Private = true
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "package.json"), append(data, '\n'), 0o644)
}
