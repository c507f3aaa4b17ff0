/** C++ that keeps signals off TensorFlow's kernels and their memory in the process; compiled into the binding before all else. */
import { createHash } from 'node:crypto';

/** The header's name in the build folder. */
export const shieldFile = 'shield.h';

/**
 * oneDNN's matrix products keep their stack pointer in a workspace on the heap meanwhile, for AVX2 as for AVX-512: what handles a signal that comes then
 * (a resized terminal is enough) writes there. So signals wait until an operation is done, and threads that TensorFlow starts never get one.
 *
 * A step of training takes and frees some megabytes. glibc gives them back to the system each time, and to get them again zeroed takes a tenth of a step of 2xLSTM(64).
 */
export const shieldSource = `
#pragma once
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <initializer_list>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include "tensorflow/c/eager/c_api.h"

class SignalShield {
 public:
  SignalShield() {
    sigset_t signals;
    sigfillset(&signals);
    // These come of what the thread itself does.
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&signals, fault);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalShield() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

inline TFE_Context *NewShieldedContext(const TFE_ContextOptions *options, TF_Status *status) {
  SignalShield shield;
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
  return TFE_NewContext(options, status);
}

inline void ExecuteShielded(TFE_Op *op, TFE_TensorHandle **results, int *count, TF_Status *status) {
  SignalShield shield;
  TFE_Execute(op, results, count, status);
}

#define TFE_NewContext NewShieldedContext
#define TFE_Execute ExecuteShielded
`;

/** Tells builds with another shield apart. */
export const shieldRevision = createHash('sha256').update(shieldSource).digest('hex').slice(0, 8);
