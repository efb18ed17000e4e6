package mirror

import (
	"context"
	"time"
)

// partingTime is how long what was begun may still take after somebody cancelled: what is written in
// that time is whole, or away, and no half of it stays at the place.
const partingTime = 3 * time.Second

// outliving gives a context that ends partingTime after ctx, or when done is called.
func outliving(ctx context.Context) (longer context.Context, done context.CancelFunc) {
	longer, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() {
		time.AfterFunc(partingTime, func() { stop(context.Cause(ctx)) })
	})
	return longer, func() {
		forget()
		stop(nil)
	}
}
