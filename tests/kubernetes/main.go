// Judges manifests as Kubernetes would, by its own code: every field must be one that it knows, and its Pod Security Standards
// say what each level forbids. A file without a kind is a profile for `kubectl debug --custom`: it is put into an ephemeral
// container of an otherwise restricted pod, as kubectl does it.
//
//	go run . FILE...    prints one JSON object a file: {"file", "kind", "baseline": [reason..], "restricted": [reason..]}
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	strictjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

type verdict struct {
	File       string   `json:"file"`
	Kind       string   `json:"kind"`
	Baseline   []string `json:"baseline"`
	Restricted []string `json:"restricted"`
}

// A pod of which the level "restricted" forbids nothing, so that what is forbidden is the profile's.
func restrictedPod() corev1.PodSpec {
	yes, no, user := true, false, int64(1000)
	return corev1.PodSpec{
		SecurityContext: &corev1.PodSecurityContext{
			RunAsUser: &user, RunAsNonRoot: &yes, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name: "shop", Image: "shop",
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}},
	}
}

func withDebugContainer(profile corev1.Container) (corev1.PodSpec, error) {
	spec := restrictedPod()
	base, err := json.Marshal(corev1.Container{Name: "goshawk", Image: "goshawk"})
	if err != nil {
		return spec, err
	}
	patch, err := json.Marshal(profile)
	if err != nil {
		return spec, err
	}
	merged, err := strategicpatch.StrategicMergePatch(base, patch, corev1.Container{})
	if err != nil {
		return spec, err
	}
	var debugger corev1.EphemeralContainer
	if err := json.Unmarshal(merged, &debugger.EphemeralContainerCommon); err != nil {
		return spec, err
	}
	debugger.TargetContainerName = "shop"
	spec.EphemeralContainers = []corev1.EphemeralContainer{debugger}
	return spec, nil
}

// As the API server does it: a name in another case is another name.
func decodeStrictly(text []byte, into any) error {
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	unknown, err := strictjson.UnmarshalStrict(asJSON, into)
	return errors.Join(append(unknown, err)...)
}

func decode(text []byte) (string, corev1.PodSpec, error) {
	var named metav1.TypeMeta
	if err := yaml.Unmarshal(text, &named); err != nil {
		return "", corev1.PodSpec{}, err
	}
	switch named.Kind {
	case "Pod":
		var pod corev1.Pod
		err := decodeStrictly(text, &pod)
		return "Pod", pod.Spec, err
	case "DaemonSet":
		var set appsv1.DaemonSet
		err := decodeStrictly(text, &set)
		return "DaemonSet", set.Spec.Template.Spec, err
	case "":
		var profile corev1.Container
		if err := decodeStrictly(text, &profile); err != nil {
			return "", corev1.PodSpec{}, err
		}
		spec, err := withDebugContainer(profile)
		return "ephemeral container", spec, err
	}
	return "", corev1.PodSpec{}, fmt.Errorf("nobody here judges a %s", named.Kind)
}

func forbidden(level api.Level, spec *corev1.PodSpec) ([]string, error) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	reasons := []string{}
	for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: api.LatestVersion()}, &metav1.ObjectMeta{}, spec) {
		if !result.Allowed {
			reasons = append(reasons, result.ForbiddenReason)
		}
	}
	return reasons, nil
}

func judge(path string) (verdict, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return verdict{}, err
	}
	kind, spec, err := decode(text)
	if err != nil {
		return verdict{}, err
	}
	baseline, err := forbidden(api.LevelBaseline, &spec)
	if err != nil {
		return verdict{}, err
	}
	restricted, err := forbidden(api.LevelRestricted, &spec)
	return verdict{filepath.Base(path), kind, baseline, restricted}, err
}

func main() {
	output := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		judged, err := judge(path)
		if err == nil {
			err = output.Encode(judged)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}
