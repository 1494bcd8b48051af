export interface WorkerOptions {
  readonly folder: string
  readonly socketPath: string
}

export type WorkerReport = { readonly type: 'ready' } | { readonly type: 'failed'; readonly reason: string }
