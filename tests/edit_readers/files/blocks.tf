# a file of Terraform with what its readers take differently
terraform {
  required_version = ">= 1.5" // behind a value
  required_providers { aws = { source = "hashicorp/aws", version = "~> 5.0" } }
}

locals {
  size    = 77 /* within */
  share   = -1.5
  off     = false
  nothing = null
  names   = ["a", "b c", "#d"]     # a list
  tags = {
    "with blank" = "x"
    plain        = "y" # in an object
    deep         = { more = [1, 2, { z = "w" }] }
  }
  joined  = "${var.prefix}-db" # of a part
  escaped = "a \"b\" \\ $${c} %%{d}\t"
  sum     = local.size * 2 + (
    3 # within an expression
  )
  chosen = var.big ? "large" : "small"
  each   = { for name in local.names : name => upper(name) if name != "" }
  first  = local.names[*]
  text   = <<-EOT
    # no comment
    shared_buffers = "1GB"
  EOT
  after  = "heredoc"
}

variable "prefix" { default = "shop" }
variable "empty" {}

resource "aws_db_parameter_group" "main" {
  name   = "main"
  family = "postgres16"

  /* over
     two lines */
  parameter {
    name  = "work_mem"
    value = "65536"
  }
  parameter {
    name         = "shared_buffers"
    value        = "{DBInstanceClassMemory/32768}" # blocks of 8 kB
    apply_method = "pending-reboot"
  }

  # apart from the others
  tags = { owner = "db" }

  parameter {
    name  = "jit"
    value = 0
  }

  dynamic "parameter" {
    for_each = var.parameters
    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description, tags["x"]]
  }
}

resource "google_sql_database_instance" "main" {
  database_version = "POSTGRES_16"
  settings {
    tier = "db-custom-4-15360"
    database_flags {
      name  = "max_connections"
      value = "200"
    }
    user_labels = {}
  }
}

module m {
  source = "./modules/db"
  providers = { aws = aws.west }
	tabbed = "x" # indented by a tab
}
output "endpoint" {
  value = one(aws_db_instance.main[*].endpoint)
} # the last
