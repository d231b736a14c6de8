#pragma once
#include "CCUDA.h"

void fill_cublas(cuda_calls &calls);
void fill_cudnn(cuda_calls &calls);
