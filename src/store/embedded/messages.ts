export interface WorkerOptions {
  readonly folder: string
  readonly socketPath: string
}

export type WorkerReport = Ready | { readonly type: 'failed'; readonly reason: string }

export interface Ready {
  readonly type: 'ready'
  /** Whether the folder had not been closed by the last server on it. */
  readonly recovered: boolean
}
