import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { addDeferredKind } from '../lib/index.js';
import { observableKind } from './observable-kind.js';

/** Lets marked methods measure the Observables that they return, while the app is there. */
@Injectable()
export class Observables implements OnModuleInit, OnApplicationShutdown {
  private forget: (() => void) | undefined;

  onModuleInit(): void {
    this.forget = addDeferredKind({ ...observableKind });
  }

  onApplicationShutdown(): void {
    this.forget?.();
    this.forget = undefined;
  }
}
