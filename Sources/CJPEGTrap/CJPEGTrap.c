#include "CJPEGTrap.h"
