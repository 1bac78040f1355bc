import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Empty } from "@/kit/states";
import { useTitle } from "@/kit/useTitle";

export function NotFound() {
  useTitle("No such page");
  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "70vh" }}>
      <Empty
        icon={<IconMapOff size={20} />}
        heading
        title="There is no page at this address"
        text="The link may be old or mistyped."
        action={
          <Button component={Link} to="/offers" variant="default">
            Go to Deals
          </Button>
        }
      />
    </main>
  );
}
