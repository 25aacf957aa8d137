import type { Dispatcher } from 'undici'
import { StoppedError } from '../core/errors.js'

/**
 * Looks once more when a request goes onto the wire: it may have waited for its connection in a process that was put to
 * sleep, and what it was allowed to write may be another run's by now.
 */
export function whileItHolds(dispatcher: Dispatcher, holds: () => boolean): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    return dispatch(options, {
      onRequestStart(controller, context) {
        if (holds()) handler.onRequestStart?.(controller, context)
        else controller.abort(new StoppedError())
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    })
  })
}
