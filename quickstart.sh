#!/usr/bin/env bash
# Builds Orleans.FL, fetches Fashion-MNIST and trains ten nodes on it, showing the run as it happens. The last line is
# the run's folder. Arguments go to 'flctl start', e.g. ./quickstart.sh --set rounds=3. Run it as often as you like:
# what is there is not fetched or built again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/build/prepare.sh"

./flctl data get fashion-mnist
exec ./flctl start --local --config experiments/fashion-mnist/fedavg.json "$@"
