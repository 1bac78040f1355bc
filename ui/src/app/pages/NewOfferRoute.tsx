export function NewOfferRoute() {
  return <div />;
}
