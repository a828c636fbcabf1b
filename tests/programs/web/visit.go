package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const visitors = 8

// What a path answers, for ever.
var answers = map[string]string{"/hello": "hello", "/work": "8889", "/slow": "late"}

type visits struct {
	lock      sync.Mutex
	Requests  int           `json:"requests"`
	Failures  []string      `json:"failures"`
	SlowestNS time.Duration `json:"slowest_ns"`
}

func (v *visits) count(took time.Duration, err error) {
	v.lock.Lock()
	defer v.lock.Unlock()
	v.Requests++
	if took > v.SlowestNS {
		v.SlowestNS = took
	}
	if err != nil && len(v.Failures) < 20 {
		v.Failures = append(v.Failures, err.Error())
	}
}

func (v *visits) soFar() interface{} {
	v.lock.Lock()
	defer v.lock.Unlock()
	told := map[string]interface{}{"requests": v.Requests, "failures": append([]string{}, v.Failures...), "slowest_ns": v.SlowestNS}
	v.SlowestNS = 0
	return told
}

func visit(address string) {
	var v visits
	for i := 0; i < visitors; i++ {
		go func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
			for {
				for path, answer := range answers {
					start := time.Now()
					err := ask(client, "http://"+address+path, answer)
					v.count(time.Since(start), err)
				}
			}
		}()
	}
	obey(v.soFar)
}

func ask(client *http.Client, url, answer string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK || string(body) != answer {
		return fmt.Errorf("%s: %d %q", url, response.StatusCode, body)
	}
	return nil
}
