import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { PaymentDeclinedError } from '../../payments/payment-declined-error.js';

/** Answers 402 where a card was declined. */
@Catch(PaymentDeclinedError)
export class PaymentDeclinedFilter extends BaseExceptionFilter implements ExceptionFilter {
  override catch({ message }: PaymentDeclinedError, host: ArgumentsHost): void {
    super.catch(new HttpException(message, 402), host);
  }
}
