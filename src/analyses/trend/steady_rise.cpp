// A rise is steady where four independent looks agree:
//  - Mann and Kendall's test on the order of the floors (H. B. Mann, Nonparametric tests against
//    trend, Econometrica 13, 1945; M. G. Kendall, Rank correlation methods, 1975). Ties count as
//    nothing and the variance is not made smaller for them: that errs to the side of no rise.
//  - The same with as many values less as neighbours tell each other (S. Yue, C. Wang, The
//    Mann-Kendall test modified by effective sample size, Water Resources Management 18, 2004;
//    correlation of the residuals at lag one). What drifts and comes back passes the first look,
//    and not this one.
//  - Its size, by Theil and Sen's slope, the median of the slopes of all pairs (P. K. Sen, Journal
//    of the American Statistical Association 63, 1968), stands out of what is left without it.
//  - It is not made of a few steps, however high: the changes from one floor to the next still add
//    up to it when the largest are cut to what nine in ten are.
// No distribution is assumed of the noise. Windows with fewer floors than kLeastFloors are not
// judged.
#include "analyses/trend/steady_rise.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace goshawk::analyses::trend {
namespace {

constexpr std::size_t kLeastFloors = 20;
constexpr double kNoiseOfMedianDeviation = 1.4826;  // of a normal distribution: to its deviation
constexpr double kTimesNoise = 3;                   // the growth, of what is left without it
constexpr double kTimesNoiseOfPlain = 60;           // of a line, whatever little is left without it
constexpr double kShareOfSteps = 0.1;               // so many of the changes may be steps, each way
constexpr double kShareWithoutSteps = 0.5;          // of the growth, at least

double median_of(std::span<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double compute_slope(const FloorWindow& window) {
  std::vector<double> slopes;
  slopes.reserve(window.size() * (window.size() - 1) / 2);
  for (std::size_t i = 0; i < window.size(); ++i)
    for (std::size_t j = i + 1; j < window.size(); ++j)
      slopes.push_back((double{window[j].value} - window[i].value) /
                       (window[j].bucket - window[i].bucket));
  return median_of(slopes);
}

std::vector<double> compute_residuals(const FloorWindow& window, double slope) {
  std::vector<double> residuals(window.size());
  for (std::size_t i = 0; i < window.size(); ++i)
    residuals[i] = window[i].value - slope * (window[i].bucket - window[0].bucket);
  std::vector<double> sorted = residuals;
  double middle = median_of(sorted);
  for (double& residual : residuals) residual -= middle;
  return residuals;
}

double compute_noise(std::vector<double> residuals) {
  for (double& residual : residuals) residual = std::abs(residual);
  return median_of(residuals) * kNoiseOfMedianDeviation;
}

// Of neighbours, from 0 to nearly 1; what few values show of it is too little (M. G. Kendall, Note
// on bias in the estimation of autocorrelation, Biometrika 41, 1954).
double compute_correlation(std::span<const double> residuals) {
  double product = 0, square = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    square += residuals[i] * residuals[i];
    if (i > 0) product += residuals[i] * residuals[i - 1];
  }
  if (square <= 0) return 0;
  auto n = static_cast<double>(residuals.size());
  return std::clamp((product / square * n + 1) / (n - 4), 0.0, 0.99);
}

// A few steps: without what they are more than other changes, nothing grows.
bool is_made_of_steps(const FloorWindow& window, double growth) {
  std::vector<double> changes;
  for (std::size_t i = 1; i < window.size(); ++i)
    changes.push_back(double{window[i].value} - window[i - 1].value);
  std::ranges::sort(changes);
  auto cut = static_cast<std::size_t>(static_cast<double>(changes.size()) * kShareOfSteps);
  double low = changes[cut], high = changes[changes.size() - 1 - cut], sum = 0;
  for (double change : changes) sum += std::clamp(change, low, high);
  return sum < growth * kShareWithoutSteps;
}

}  // namespace

double compute_raw_score(const FloorWindow& window) {
  if (window.size() < kLeastFloors) return 0;
  auto n = static_cast<double>(window.size());
  double deviation = std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
  return (window.rising_less_falling() - 1) / deviation;
}

std::optional<SteadyRise> find_steady_rise(const FloorWindow& window, double least_growth) {
  double raw_score = compute_raw_score(window);
  if (raw_score < kCertainScore) return std::nullopt;
  SteadyRise rise;
  rise.per_bucket = compute_slope(window);
  double growth = rise.per_bucket * (window[window.size() - 1].bucket - window[0].bucket);
  if (growth < least_growth) return std::nullopt;
  std::vector<double> residuals = compute_residuals(window, rise.per_bucket);
  double noise = compute_noise(residuals);
  if (growth < kTimesNoise * noise) return std::nullopt;
  bool plain = growth > kTimesNoiseOfPlain * noise;
  double correlation = plain ? 0 : compute_correlation(residuals);
  rise.score = raw_score * std::sqrt((1 - correlation) / (1 + correlation));
  if (rise.score < kCertainScore || is_made_of_steps(window, growth)) return std::nullopt;
  return rise;
}

}  // namespace goshawk::analyses::trend
