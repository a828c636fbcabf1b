package main

import (
	"strings"
	"testing"

	"k8s.io/pod-security-admission/api"
)

func TestRefusesWhatKubernetesDoesNotKnow(t *testing.T) {
	for name, text := range map[string]string{
		"hostPid": "kind: Pod\nspec:\n  hostPid: true\n  containers: []\n",
		"add2":    "securityContext:\n  capabilities:\n    add2: [\"SYS_PTRACE\"]\n",
		"Job":     "kind: Job\n",
	} {
		if _, _, err := decode([]byte(text)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSaysWhatALevelForbids(t *testing.T) {
	spec := restrictedPod()
	for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		if reasons, err := forbidden(level, &spec); err != nil || len(reasons) != 0 {
			t.Errorf("%s: %v, %v", level, reasons, err)
		}
	}
	spec.HostPID = true
	for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		if reasons, err := forbidden(level, &spec); err != nil || len(reasons) != 1 {
			t.Errorf("%s: %v, %v", level, reasons, err)
		}
	}
}

// What kubectl does with a profile: lists of capabilities are replaced, and it is the debug container that is judged.
func TestAProfileIsThatOfTheDebugContainer(t *testing.T) {
	kind, spec, err := decode([]byte("securityContext:\n  capabilities:\n    add: [\"SYS_PTRACE\"]\n"))
	if err != nil || kind != "ephemeral container" || len(spec.EphemeralContainers) != 1 {
		t.Fatalf("%s, %v, %v", kind, spec, err)
	}
	reasons, err := forbidden(api.LevelBaseline, &spec)
	if err != nil || len(reasons) != 1 || !strings.Contains(reasons[0], "capabilities") {
		t.Errorf("%v, %v", reasons, err)
	}
}
